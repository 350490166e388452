import { openSqlite } from '../../packages/bullmq-sqlite/conformance/stores.ts'
import { describeWall } from './describe-wall.ts'

describeWall(openSqlite, 'sqlite')
