// What a run asks of people, with who is asked and until when, and the dialog in which they decide.
import { Alert, Button, Group } from '@mantine/core'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { usePackWords } from '../../app/pack-words.ts'
import { useTexts } from '../../app/texts.ts'
import { IconHandStop } from '../../look/icons.ts'
import { Instant } from '../../parts/instant.tsx'
import { ReasonDialog } from '../../parts/reason-dialog.tsx'
import { asksForDecision, type Run } from './run-rules.ts'
import { RUN_TEXTS } from './run-texts.ts'

export function Approvals({ run }: { readonly run: Run }) {
  const say = useTexts(RUN_TEXTS)
  const tell = usePackWords(null)
  const { can, actor } = useSession()
  const asking = run.nodes.filter(asksForDecision)
  const read = useRead('runs.approvals', {}, { enabled: asking.length > 0 })
  const [chosen, setChosen] = useState<{ node: string; approved: boolean }>()
  const decide = useWrite('runs.decide', {
    renews: ['overview', 'jobs'],
    isQuiet: true,
    done: say('decided'),
    onDone: () => setChosen(undefined),
  })
  return asking.map(({ node }) => {
    const asked = read.data?.data.find((each) => each.run === run.id && each.node === node)
    const isAsked =
      asked === undefined ||
      asked.who.some(
        (who) => who === `user:${actor?.id}` || actor?.roles.some((role) => role === who),
      )
    return (
      <Alert key={node} color="violet" icon={<IconHandStop size={18} />}>
        <Group justify="space-between">
          <div>
            <strong>{asked?.question ? tell(asked.question) : say('asks', { node })}</strong>
            <div className="quiet">
              {asked ? say('asksWho', { who: asked.who.join(', ') }) : null}
              {asked && asked.deadline !== null ? (
                <>
                  {' · '}
                  <Instant at={asked.deadline} />
                </>
              ) : null}
            </div>
          </div>
          {!can('workflows:approve') ? null : isAsked ? (
            <Group gap="xs">
              <Button size="compact-sm" onClick={() => setChosen({ node, approved: true })}>
                {say('approve')}
              </Button>
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => setChosen({ node, approved: false })}
              >
                {say('refuse')}
              </Button>
            </Group>
          ) : (
            <span className="quiet">{say('notYou')}</span>
          )}
        </Group>
        {chosen?.node === node ? (
          <ReasonDialog
            title={say('decide', { node })}
            action={say(chosen.approved ? 'approve' : 'refuse')}
            isOpen
            isBusy={decide.isPending}
            error={decide.error}
            isDangerous={!chosen.approved}
            onClose={() => setChosen(undefined)}
            onGo={(reason) =>
              decide.mutate({
                params: { id: run.id },
                body: { node, approved: chosen.approved, note: reason },
              })
            }
          />
        ) : null}
      </Alert>
    )
  })
}
