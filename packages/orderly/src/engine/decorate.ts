// Puts a layer around a backend: what the layer names goes through it, everything else goes straight on.
import type { BackendFactory, IQueueBackend } from 'bullmq'

/** The members of a backend that a layer answers itself. */
export type Layer = Partial<IQueueBackend>

/**
 * A backend that is `inner` with the members of `layer` in front.
 *
 * It is a plain object of its own: BullMQ goes past the contract where it finds an instance of its Redis class.
 */
export function decorate(inner: IQueueBackend, layer: Layer): IQueueBackend {
  const outer = {} as Record<string, unknown>
  for (const name of memberNames(inner)) {
    if (name in layer) continue
    const value = (inner as unknown as Record<string, unknown>)[name]
    if (typeof value === 'function') outer[name] = value.bind(inner)
    else
      Object.defineProperty(outer, name, { get: () => Reflect.get(inner, name), enumerable: true })
  }
  for (const [name, member] of Object.entries(layer)) outer[name] = member
  return outer as unknown as IQueueBackend
}

/** Wraps every backend a factory makes, its siblings for other queues included. */
export function decorateFactory<Connection>(
  factory: BackendFactory<IQueueBackend, Connection>,
  layerFor: (inner: IQueueBackend, queue: string) => Layer,
): BackendFactory<IQueueBackend, Connection> {
  const wrap = (inner: IQueueBackend, queue: string): IQueueBackend =>
    decorate(inner, {
      ...layerFor(inner, queue),
      forQueue: (name, prefix) => wrap(inner.forQueue(name, prefix), name),
    })
  return (name, opts, options) => wrap(factory(name, opts, options), name)
}

const names = new WeakMap<object, string[]>()

function memberNames(backend: object): string[] {
  const prototype = Object.getPrototypeOf(backend) as object
  let known = names.get(prototype)
  if (!known) {
    const found = new Set<string>()
    for (let at: object = prototype; at !== Object.prototype; at = Object.getPrototypeOf(at))
      for (const name of Object.getOwnPropertyNames(at)) found.add(name)
    found.delete('constructor')
    names.set(prototype, (known = [...found]))
  }
  // `closing` is not there before a backend begins to close.
  return [...new Set([...known, ...Object.keys(backend), 'closing'])]
}
