// A document of a pack: asked for with a purpose, shown in a frame of its own, and gone after a while.
import { Button, Group } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useFormats } from '../../app/format.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { after, every } from '../../app/time-source.ts'
import { IconEye } from '../../look/icons.ts'
import { MaskedValue, RevealDialog, type Reveal } from '../../parts/masked.tsx'
import { PACK_TEXTS } from './texts.ts'
import { Dialog } from '../../parts/dialog.tsx'

/** What the server gives for a document that is revealed. */
interface Shown {
  readonly contentType: string
  /** Base64. */
  readonly base64: string
}

/** Reading a page takes longer than reading a value. */
const SHOWN_S = 300

export function RevealedDocument({
  mask,
  name,
  reveal,
}: {
  readonly mask: string
  readonly name: string
  readonly reveal: Reveal
}) {
  const say = useTexts(PACK_TEXTS)
  const { can } = useSession()
  const [isAsking, setAsking] = useState(false)
  const [shown, setShown] = useState<Shown>()
  return (
    <>
      <MaskedValue mask={mask} kind="document" />{' '}
      {can('phi:reveal') ? (
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconEye size={13} aria-hidden />}
          aria-label={say('openDocument', { name })}
          onClick={() => setAsking(true)}
        >
          {say('open')}
        </Button>
      ) : null}
      {isAsking ? (
        <RevealDialog
          reveal={reveal}
          onClose={() => setAsking(false)}
          onShown={(answer) => {
            setAsking(false)
            setShown(answer as Shown)
          }}
        />
      ) : null}
      {shown ? <Viewer name={name} shown={shown} onEnd={() => setShown(undefined)} /> : null}
    </>
  )
}

function Viewer({
  name,
  shown,
  onEnd,
}: {
  readonly name: string
  readonly shown: Shown
  readonly onEnd: () => void
}) {
  const say = useTexts(PACK_TEXTS)
  const format = useFormats()
  const [left, setLeft] = useState(SHOWN_S)
  const url = useObjectUrl(shown)
  useEffect(() => {
    const stopEnd = after(SHOWN_S * 1_000, onEnd)
    const stopTick = every(1_000, () => setLeft((before) => Math.max(0, before - 1)))
    document.addEventListener('visibilitychange', onEnd)
    return () => {
      stopEnd()
      stopTick()
      document.removeEventListener('visibilitychange', onEnd)
    }
    // The first `onEnd` does what every later one would.
  }, [])
  return (
    <Dialog opened onClose={onEnd} title={name} size="xl">
      <div className="stack" data-revealed>
        <Group justify="space-between">
          <span className="quiet number">{say('seen', { time: format.span(left * 1_000) })}</span>
          <Button variant="default" size="xs" onClick={onEnd}>
            {say('close')}
          </Button>
        </Group>
        {shown.contentType.startsWith('image/') ? (
          <img src={`data:${shown.contentType};base64,${shown.base64}`} alt={name} />
        ) : url === undefined ? null : (
          <DocumentFrame title={name} url={url} />
        )}
      </div>
    </Dialog>
  )
}

/** The page alone, as wide as there is room: viewers that do not know these words pass over them. */
const VIEW = '#navpanes=0&view=FitH'

/** The browser's own viewer, which draws a PDF in a process of its own and gives it nothing of this page. */
export function DocumentFrame({ title, url }: { readonly title: string; readonly url: string }) {
  const say = useTexts(PACK_TEXTS)
  return navigator.pdfViewerEnabled ? (
    <iframe className="document" src={`${url}${VIEW}`} title={title} />
  ) : (
    <p className="quiet">{say('noViewer')}</p>
  )
}

/** An address of the content that this page alone has, and that ends with it. Whatever it is, it is drawn as a PDF. */
function useObjectUrl({ base64 }: Shown): string | undefined {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
    const made = URL.createObjectURL(new Blob([bytes], { type: 'application/pdf' }))
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [base64])
  return url
}
