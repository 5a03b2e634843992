// The bridge's admin API. The token lives in this tab only, and goes nowhere but into the Authorization header.

const base = '/api/cluster/connector/'
const place = 'fastbridge-token'
const patience = 15000

/** What went wrong, in the API's own words. */
export class ApiError extends Error {
  constructor(message, reason, faults) {
    super(message)
    this.reason = reason
    this.faults = faults?.length ? faults : [message]
  }
}

export const hasToken = () => sessionStorage.getItem(place) !== null
export const setToken = token => sessionStorage.setItem(place, token)
export const forgetToken = () => sessionStorage.removeItem(place)

/** The difference between the bridge's clock and ours, milliseconds. */
let drift = 0
export const now = () => Date.now() + drift

/** `data` of the answer, and its other members. Throws ApiError; reason "unreachable" where there is no answer. */
async function call(path, body) {
  const headers = {}
  if (hasToken()) headers.Authorization = `Bearer ${sessionStorage.getItem(place)}`
  if (body) headers['Content-Type'] = 'application/json'
  let response, answer
  try {
    response = await fetch(path, {
      method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body), cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(patience),
    })
    answer = await response.json()
  } catch {
    throw new ApiError('the bridge does not answer', 'unreachable')
  }
  const date = Date.parse(response.headers.get('Date') ?? '')
  // Whole seconds: a smaller difference is none.
  if (date && Math.abs(date - Date.now()) > 2000) drift = date - Date.now()
  if (path !== '/openapi.json' && answer.code !== 0) throw new ApiError(answer.error ?? answer.message, answer.reason, answer.faults)
  return answer
}

const query = parameters => new URLSearchParams(Object.entries(parameters)).toString()
const key = c => ({ tenant: c.tenant, connector_name: c.name })

/** One that runs and has a warning is shown as a state of its own; the API keeps to RobustMQ's four. */
const shown = c => c.state === 'Running' && c.warning ? { ...c, state: 'Warn', why: c.warning } : c
const withShown = status => ({ ...status, connectors: status.connectors.map(shown) })

export const status = async () => withShown((await call(`${base}status`)).data)
export const statusOf = async c => withShown((await call(`${base}status?${query(key(c))}`)).data)
export const history = async c => (await call(`${base}history?${query(key(c))}`)).data
export const records = async c => (await call(`${base}records?${query({ ...key(c), limit: 20 })}`)).data
export const version = async () => (await call('/openapi.json')).info.version

/** The stored record of one connector and the file's revision; null where there is none. */
export async function stored(c) {
  const page = (await call(`${base}list?${query(key(c))}`)).data
  const found = page.data.find(r => r.connector_name === c.name && r.tenant === c.tenant)
  return found ? { ...found, revision: page.revision } : null
}

/** create, update, delete, start, stop. Returns the answer's warnings. */
export const change = async (what, body) => (await call(base + what, body)).warnings ?? []
