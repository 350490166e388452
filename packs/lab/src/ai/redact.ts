// Takes out of a text what could name somebody, before it goes to anybody else.

const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+\.\p{L}{2,}/gu, '[email]'],
  [/\bhttps?:\/\/\S+/gi, '[link]'],
  [/\b\d{3}-\d{2}-\d{4}\b/g, '[ssn]'],
  [/(?<!\d)(?:\+?1[ .-]?)?(?:\(\d{3}\)|\d{3})[ .-]\d{3}[ .-]\d{4}(?!\d)/g, '[phone]'],
  [/\b(?:mrn|chart|patient)\s*(?:#|no\.?|number|id)?\s*[:#]?\s*[A-Z]{0,3}-?\d{2,}\b/gi, '[record]'],
  [/\b(?:born|dob|date of birth)\b\W{0,3}[\p{L}\d/.,-]+(?:\s[\p{L}\d/.,-]+){0,2}/giu, '[birth]'],
  [/\b(?:mrs?|ms|dr|patient)\.?\s+\p{Lu}[\p{L}'’-]+(?:\s+\p{Lu}[\p{L}'’-]+)*/gu, '[name]'],
  [/\b(?:Mrs?|Ms|Dr|Patient)\.?\s+\p{Lu}[\p{L}'’-]+(?:\s+\p{Lu}[\p{L}'’-]+)*/gu, '[name]'],
]

/**
 * The text with addresses, numbers and titled names replaced. It cannot know a bare name: what people write goes to a
 * model only under an agreement.
 */
export function redact(text: string): string {
  return SHAPES.reduce(
    (result, [shape, mark]) => result.replaceAll(shape, mark),
    text.normalize('NFKC'),
  )
}
