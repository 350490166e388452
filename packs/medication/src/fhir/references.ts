// Finding the resource a reference means, inside one bundle.
import { listAt, objectAt, textAt, type Json } from './json.ts'

export class References {
  readonly #byReference = new Map<string, Json>()

  add(type: string, resource: Json, fullUrl: string | undefined): void {
    const id = textAt(resource, 'id')
    if (id !== undefined) this.#byReference.set(`${type}/${id}`, resource)
    if (fullUrl !== undefined) this.#byReference.set(fullUrl, resource)
  }

  /** `Patient/7`, `urn:uuid:…`, a full URL; with `/_history/2` or without. Of another server's URL its last part counts. */
  find(reference: string | undefined): Json | undefined {
    if (reference === undefined) return undefined
    const plain = reference.replace(/\/_history\/[^/]+$/, '')
    return (
      this.#byReference.get(plain) ??
      this.#byReference.get(/[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.exec(plain)?.[0] ?? '')
    )
  }

  /** The id of the resource it means, here or elsewhere; a resource that was not sent is known by the reference alone. */
  idOf(type: string, reference: string | undefined): string | undefined {
    const found = this.find(reference)
    if (found) return textAt(found, 'resourceType') === type ? textAt(found, 'id') : undefined
    const plain = reference?.replace(/\/_history\/[^/]+$/, '') ?? ''
    const [, kind, id] =
      /(?:^|\/)([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})$/.exec(plain) ??
      /^urn:(uuid):([0-9a-f-]{36})$/i.exec(plain) ??
      []
    return kind === type || kind?.toLowerCase() === 'uuid' ? id : undefined
  }

  /** The same, or a resource contained in `owner` (`#id`). */
  findFrom(owner: Json, reference: string | undefined): Json | undefined {
    if (!reference?.startsWith('#')) return this.find(reference)
    return listAt(owner, 'contained')
      .map((each) => objectAt(each))
      .find((each) => textAt(each, 'id') === reference.slice(1))
  }
}
