// Emergency accesses: who began one, why, and whether somebody else has reviewed it.
import { useRead } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Card } from '../../parts/page.tsx'
import { ACCESS_TEXTS } from './texts.ts'

export function Emergencies() {
  const say = useTexts(ACCESS_TEXTS)
  const read = useRead('emergency.list', {})
  return (
    <Card title={say('emergencies')} isFlush>
      <Answered read={read}>
        {({ data }) => (
          <List
            label={say('emergencies')}
            rows={data}
            rowKey={({ id }) => id}
            empty={<Blank title={say('noEmergencies')} />}
            columns={[
              {
                key: 'who',
                label: say('name'),
                cell: ({ userId }) => <span className="mono">{userId}</span>,
              },
              { key: 'purpose', label: say('purpose'), cell: ({ purpose }) => purpose },
              {
                key: 'started',
                label: say('started'),
                isNumber: true,
                cell: ({ startedAt }) => <Instant at={startedAt} />,
              },
              {
                key: 'due',
                label: say('due'),
                isNumber: true,
                cell: ({ reviewDue }) => <Instant at={reviewDue} />,
              },
              { key: 'verdict', label: say('verdict'), cell: ({ verdict }) => verdict ?? '–' },
            ]}
          />
        )}
      </Answered>
    </Card>
  )
}
