// A card with one list: beside its name the button that makes another row, below it the rows, or why there are none.
import { Button } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { IconPlus } from '../look/icons.ts'
import { Answered, List, type ListProps } from './list.tsx'
import { Card } from './page.tsx'

export interface ListCardProps<Row> extends Omit<ListProps<Row>, 'label' | 'rows'> {
  readonly title: string
  /** Where the page is named as the list is, its name stands there alone. */
  readonly isUntitled?: boolean
  readonly read: UseQueryResult<{ readonly data: readonly Row[] }, Error>
  readonly lines?: number
  /** What makes another row; undefined for who may not. */
  readonly maker?: Maker | undefined
  /** The dialogs that belong to the list. */
  readonly children?: ReactNode
}

export interface Maker {
  readonly label: string
  readonly icon?: ReactNode
  readonly onMake: () => void
}

export function ListCard<Row>({
  title,
  isUntitled = false,
  read,
  lines = 5,
  maker,
  children,
  ...list
}: ListCardProps<Row>) {
  return (
    <Card
      {...(isUntitled ? {} : { title })}
      isFlush
      actions={
        maker ? (
          <Button
            size="compact-md"
            leftSection={maker.icon ?? <IconPlus size={15} aria-hidden />}
            onClick={maker.onMake}
          >
            {maker.label}
          </Button>
        ) : null
      }
    >
      <Answered read={read} lines={lines}>
        {({ data }) => <List label={title} rows={data} {...list} />}
      </Answered>
      {children}
    </Card>
  )
}
