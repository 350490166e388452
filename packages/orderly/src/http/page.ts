// Pages of lists: at most so many, and a cursor to the next.
import { z } from 'zod'

export const pageQuery: {
  limit: z.ZodDefault<z.ZodCoercedNumber>
  cursor: z.ZodOptional<z.ZodString>
} = {
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(2_000).optional().describe('`page.next` of the page before.'),
}

/** A page of a list. */
export function pageOf<Item extends z.ZodType>(
  item: Item,
  id: string,
): z.ZodObject<{
  data: z.ZodArray<Item>
  page: z.ZodObject<{ next: z.ZodNullable<z.ZodString> }>
}> {
  return z
    .object({
      data: z.array(item),
      page: z.object({ next: z.string().nullable().describe('Null on the last page.') }),
    })
    .meta({ id })
}
