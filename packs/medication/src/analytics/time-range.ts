// The spans of time that figures are summed up by.

export const TIME_RANGES = ['daily', 'weekly', 'monthly'] as const
export type TimeRange = (typeof TIME_RANGES)[number]
