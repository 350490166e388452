// A page of a pack: drawn from data, so that a pack ships no browser code.
import { useParams, useSearch } from '@tanstack/react-router'
import { useRead } from '../../api/use.ts'
import { Blank } from '../../parts/blank.tsx'
import { Answered } from '../../parts/list.tsx'
import { Page } from '../../parts/page.tsx'
import { usePackWords } from '../../app/pack-words.ts'
import { useTexts } from '../../app/texts.ts'
import { Block } from './blocks.tsx'
import { blockSaid } from './said.ts'
import { PACK_TEXTS } from './texts.ts'

export function PackPage() {
  const say = useTexts(PACK_TEXTS)
  const { pack, page }: { pack: string; page: string } = useParams({ strict: false })
  const tell = usePackWords(pack)
  const params: Readonly<Record<string, string>> = useSearch({ strict: false })
  const packs = useRead('packs.list', {})
  const known = packs.data?.data
    .find(({ name }) => name === pack)
    ?.pages.find(({ id }) => id === page)
  const read = useRead('packs.page', { params: { pack, page }, query: params }, { every: 15_000 })
  return (
    <Page title={known ? tell(known.title) : page}>
      <Answered read={read}>
        {({ blocks }) =>
          blocks.length === 0 ? (
            <Blank title={say('empty')} />
          ) : (
            blocks.map((block, index) => (
              // The blocks of a page have no names; their place is what they are.
              <Block key={`${block.block}-${index}`} block={blockSaid(block, tell)} pack={pack} />
            ))
          )
        }
      </Answered>
    </Page>
  )
}
