/** Who is logged in: a session cookie from the form, or basic authentication. */
import { randomBytes } from 'node:crypto'
import type { Request, RequestHandler, Router } from 'express'
import { areRight, type Credentials, hasBasicCredentials } from '../credentials.js'
import { html } from '../html.js'
import { type Desk, fieldsOf } from './desk.js'
import { type Page, paths } from './layout.js'

const COOKIE = 'labsession'
const LIFETIME = 8 * 60 * 60 * 1000
/** The oldest goes when somebody logs in for ever. */
const SESSIONS = 1000

/** Whatever is added to the router after this is for who is logged in. */
export function addLoginRoutes(router: Router, { lab, node, show }: Desk, form: RequestHandler): void {
  const sessions = makeSessions(lab.credentials)
  router.get(paths.login, (_request, response) => show(response, loginPage(false)))
  router.post(paths.login, form, ({ body }, response) => {
    const [user = ''] = fieldsOf(body?.user)
    const [password = ''] = fieldsOf(body?.password)
    const cookie = sessions.logIn(user, password)
    node.log('web', `login ${cookie === undefined ? 'refused' : 'of the administrator'}`)
    if (cookie === undefined) show(response, loginPage(true), 401)
    else response.set('Set-Cookie', cookie).redirect(303, paths.home)
  })
  router.post(paths.logout, (request, response) =>
    response.set('Set-Cookie', sessions.logOut(request)).redirect(303, paths.login),
  )
  router.use('/cmplatform', (request, response, next) => {
    if (sessions.isLoggedIn(request)) next()
    else if (request.headers.authorization !== undefined) show(response, loginPage(true), 401)
    else response.redirect(303, paths.login)
  })
}

interface Sessions {
  /** The value of a Set-Cookie header; undefined when user or password is wrong. */
  readonly logIn: (user: string, password: string) => string | undefined
  readonly logOut: (request: Request) => string
  readonly isLoggedIn: (request: Request) => boolean
}

function makeSessions(credentials: Credentials): Sessions {
  const until = new Map<string, number>()
  const cookie = (value: string, age: number): string =>
    `${COOKIE}=${value}; Path=/cmplatform/; Max-Age=${age}; HttpOnly; Secure; SameSite=Strict`
  return {
    logIn: (user, password) => {
      if (!areRight(credentials, user, password)) return undefined
      const [oldest] = until.keys()
      if (until.size >= SESSIONS && oldest !== undefined) until.delete(oldest)
      const session = randomBytes(24).toString('hex')
      until.set(session, Date.now() + LIFETIME)
      return cookie(session, LIFETIME / 1000)
    },
    logOut: (request) => {
      until.delete(sessionOf(request) ?? '')
      return cookie('', 0)
    },
    isLoggedIn: (request) =>
      (until.get(sessionOf(request) ?? '') ?? 0) > Date.now() ||
      hasBasicCredentials(credentials, request.headers.authorization),
  }
}

function sessionOf(request: Request): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='))
  return pairs.find(([name]) => name === COOKIE)?.[1]
}

/** A browser that holds a password or a cookie must not act for another site's page. */
export const refuseOtherSites: RequestHandler = (request, response, next) => {
  const site = request.get('Sec-Fetch-Site')
  const isOwn = site === undefined || site === 'same-origin' || site === 'none'
  if (request.method === 'GET' || request.method === 'HEAD' || isOwn) next()
  else response.status(403).type('text/plain').send('Another site’s page sent this.\n')
}

function loginPage(isWrong: boolean): Page {
  return {
    title: 'Log in',
    isOutside: true,
    notice: isWrong ? { kind: 'error', text: 'User or password is wrong.' } : undefined,
    content: html`<form method="post" action="${paths.login}">
<label for="user">Username</label>
<input type="text" id="user" name="user" autocomplete="username" autofocus required>
<label for="password">Password</label>
<input type="password" id="password" name="password" autocomplete="current-password" required>
<p class="hint">Both were printed when the lab was started.</p>
<button>Login</button>
</form>`,
  }
}
