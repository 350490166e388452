import { openRedis } from '../../packages/bullmq-sqlite/conformance/stores.ts'
import { describeWall } from './describe-wall.ts'

describeWall(openRedis, 'redis')
