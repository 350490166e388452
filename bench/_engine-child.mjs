// One measurement in a process of its own: told by its first message what to do, answers with one message.
import { measures } from './_engine-measures.mjs'

async function answer({ measure, ...task }) {
  try {
    const result = await measures[measure](task)
    process.send({ result }, () => process.exit(0))
  } catch (error) {
    process.send({ error: error.stack }, () => process.exit(1))
  }
}

process.once('message', (task) => void answer(task))
// Without its parent a measurement serves nobody.
process.once('disconnect', () => process.exit(1))
