// What a schedule begins, a job or a workflow, as one value of a list.
export interface Target {
  readonly job?: string
  readonly workflow?: string
}

export function choiceOf(
  target: { readonly job?: string | null; readonly workflow: string | null } | undefined,
): string | null {
  if (!target) return null
  return target.workflow === null ? `job:${target.job}` : `workflow:${target.workflow}`
}

export function targetOf(choice: string | null): Target {
  const [, kind, name] = /^(job|workflow):(.+)$/.exec(choice ?? '') ?? []
  if (name === undefined) return {}
  return kind === 'job' ? { job: name } : { workflow: name }
}
