// Talks to a language model behind any OpenAI-compatible endpoint: within a budget, a time and a shape, with what could
// name somebody taken out.
import { ExternalError, RefusedError } from 'orderly'
import { redact } from './redact.ts'

export interface ModelOptions {
  /** Such as `https://models.example/v1`; `/chat/completions` is added. */
  readonly url: string
  readonly model: string
  readonly apiKey?: string
  /** Milliseconds one answer may take; 20,000 unless told. */
  readonly timeout?: number
  /** Tokens an answer may have; 800 unless told. */
  readonly mostTokens?: number
  /** Tokens a company may use in a day, questions and answers together; 200,000 unless told. */
  readonly dailyTokens?: number
  /**
   * Whether a business associate agreement (45 CFR 164.504(e)) covers who runs the endpoint. Without one nothing that a
   * person wrote is sent to it, only facts and figures.
   */
  readonly baa?: boolean
}

export interface Question {
  readonly companyId: string
  readonly system: string
  readonly user: string
  /** Whether `user` holds what a person wrote, who may have named a patient. */
  readonly mayHoldPhi: boolean
  /** JSON Schema the answer must have. */
  readonly schema?: Readonly<Record<string, unknown>>
}

export interface ModelClient {
  /**
   * @returns the answer as it was given, to be checked by whoever asked
   * @throws ExternalError when the endpoint fails; RefusedError when the question may not be asked
   */
  ask(question: Question, signal?: AbortSignal): Promise<string>
}

/** Keeps count of what a company has used today. */
export interface UsageMeter {
  used(companyId: string): Promise<number>
  add(companyId: string, tokens: number): Promise<void>
}

const MOST_ANSWER_BYTES = 256 * 1024
/** A token is three to four characters of English; the cautious figure, where the endpoint counts none. */
const CHARACTERS_PER_TOKEN = 3

export function openModel(options: ModelOptions, meter: UsageMeter): ModelClient {
  const { url, model, apiKey, timeout = 20_000, mostTokens = 800, dailyTokens = 200_000 } = options
  const endpoint = `${url.replace(/\/+$/, '')}/chat/completions`
  return {
    async ask(question, signal) {
      if (question.mayHoldPhi && options.baa !== true)
        throw new RefusedError(
          'no agreement covers the model for what people write; set baa once one is signed',
        )
      const messages = [
        { role: 'system', content: question.system },
        { role: 'user', content: redact(question.user) },
      ]
      const estimate = estimateOf(messages) + mostTokens
      if ((await meter.used(question.companyId)) + estimate > dailyTokens)
        throw new RefusedError('the tokens of this company for today are used up')
      const stop = AbortSignal.timeout(timeout)
      const response = await post(
        endpoint,
        {
          model,
          messages,
          max_tokens: mostTokens,
          temperature: 0,
          ...(question.schema === undefined
            ? {}
            : {
                response_format: {
                  type: 'json_schema',
                  json_schema: { name: 'answer', strict: true, schema: question.schema },
                },
              }),
        },
        apiKey,
        signal ? AbortSignal.any([signal, stop]) : stop,
      )
      const { answer, tokens } = await readAnswer(response)
      await meter.add(question.companyId, tokens ?? estimate)
      return answer
    },
  }
}

async function post(
  endpoint: string,
  body: unknown,
  apiKey: string | undefined,
  signal: AbortSignal,
): Promise<Response> {
  let response: Response
  try {
    response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify(body),
      // Where it would lead, nobody has agreed to.
      redirect: 'error',
      signal,
    })
  } catch (cause) {
    throw new ExternalError('the model did not answer in time, or cannot be reached', { cause })
  }
  if (response.ok) return response
  await response.body?.cancel()
  const retryAfter = response.headers.get('retry-after')
  if (response.status === 429 || response.status >= 500)
    throw new ExternalError(
      `the model answers ${response.status}`,
      retryAfter === null ? {} : { retryAfter },
    )
  throw new RefusedError(
    `the model refuses the question (${response.status}); check its name and key`,
  )
}

async function readAnswer(
  response: Response,
): Promise<{ answer: string; tokens: number | undefined }> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > MOST_ANSWER_BYTES) throw new ExternalError('the answer of the model is too long')
    chunks.push(chunk)
  }
  let parsed: Completion
  try {
    parsed = JSON.parse(Buffer.concat(chunks).toString()) as Completion
  } catch (cause) {
    throw new ExternalError('the answer of the model is no JSON', { cause })
  }
  const answer = parsed.choices?.[0]?.message?.content
  if (typeof answer !== 'string') throw new ExternalError('the answer of the model holds no text')
  const tokens = parsed.usage?.total_tokens
  return { answer, tokens: typeof tokens === 'number' && tokens >= 0 ? tokens : undefined }
}

interface Completion {
  readonly choices?: readonly { readonly message?: { readonly content?: unknown } }[]
  readonly usage?: { readonly total_tokens?: unknown }
}

function estimateOf(messages: readonly { content: string }[]): number {
  const length = messages.reduce((sum, { content }) => sum + content.length, 0)
  return Math.ceil(length / CHARACTERS_PER_TOKEN)
}
