import { describe } from 'vitest'
import { proveCompanies } from './claims/companies.ts'
import { proveDocuments } from './claims/documents.ts'
import { proveFigures } from './claims/figures.ts'
import { proveLimsNews } from './claims/lims-news.ts'
import { proveMachines } from './claims/machines.ts'
import { proveMails } from './claims/mails.ts'
import { proveNumbers } from './claims/numbers.ts'
import { provePages } from './claims/pages.ts'
import { proveRounds } from './claims/rounds.ts'
import { proveTasks } from './claims/tasks.ts'
import { openLab } from './kit.ts'

describe.each(['sqlite', 'postgres'] as const)('the lab pack on %s', (database) => {
  const lab = openLab(database)
  proveMails(lab)
  proveDocuments(lab)
  proveCompanies(lab)
  proveMachines(lab)
  proveLimsNews(lab)
  proveTasks(lab)
  proveFigures(lab)
  proveRounds(lab)
  provePages(lab)
  proveNumbers(lab)
})
