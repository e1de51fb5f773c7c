/** What a problem code stands for: status, exit code, title, remedy. */
import type { exitCodes } from './exit-codes.js'

export interface ProblemEntry {
  readonly status: number
  readonly exit: keyof typeof exitCodes
  readonly title: string
  readonly remedy: string
}

export const file = (title: string, remedy: string): ProblemEntry => ({
  status: 422,
  exit: 'file',
  title,
  remedy,
})
export const token = (status: number, title: string, remedy: string): ProblemEntry => ({
  status,
  exit: 'token',
  title,
  remedy,
})
export const request = (status: number, title: string, remedy: string): ProblemEntry => ({
  status,
  exit: 'daemon',
  title,
  remedy,
})
export const machine = (status: number, title: string, remedy: string): ProblemEntry => ({
  status,
  exit: 'machine',
  title,
  remedy,
})

export const node = (status: number, title: string, remedy: string): ProblemEntry => ({
  status,
  exit: 'node',
  title,
  remedy,
})
