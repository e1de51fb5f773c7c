/** Asks a running lab. */
import { request } from 'node:http'
import { connect } from 'node:net'
import { LabProblem, labFolder } from '../lab-folder.js'
import { type ControlRoute, controlRoutes } from './control-messages.js'

/** Rejects with a sentence when no lab runs, or it refuses. */
export function askLab<Answer>(folder: string, route: ControlRoute, body?: unknown): Promise<Answer> {
  const [method, path] = controlRoutes[route].split(' ')
  const text = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const call = request(
      { socketPath: labFolder(folder).control, method, path, headers: { Host: 'localhost' }, agent: false },
      (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', reject)
        response.on('end', () => {
          const answer = JSON.parse(Buffer.concat(parts).toString('utf8'))
          if (response.statusCode === 200) resolve(answer)
          else reject(new LabProblem(answer.problem))
        })
      },
    )
    call.on('error', (error: NodeJS.ErrnoException) => {
      const isGone = error.code === 'ENOENT' || error.code === 'ECONNREFUSED'
      reject(
        new LabProblem(
          isGone
            ? 'No lab runs. Start one in another terminal: ctl-bridge lab up'
            : `The lab does not answer: ${error.message}.`,
        ),
      )
    })
    call.end(text)
  })
}

/** Whatever is at the other end of the socket: a lab that is slow runs as well. */
export function isLabRunning(folder: string): Promise<boolean> {
  return new Promise((resolve) => {
    const client = connect(labFolder(folder).control)
    client.once('connect', () => {
      client.destroy()
      resolve(true)
    })
    client.once('error', () => resolve(false))
  })
}
