// Which view stands in the page, and the status that all of them live on: asked every two seconds while the page can be seen.

import * as api from './api.js'
import { ConnectorView } from './connector.js'
import { h, say, setText } from './dom.js'
import { FormView } from './form.js'
import { clock, duration } from './format.js'
import { ListView } from './list.js'
import { startTheme } from './theme.js'

const main = document.getElementById('main')
const lost = document.getElementById('lost')
const often = 2000
const seldom = 5000 // Where there are hundreds of connectors, each answer is large.
const many = 200

let view, shown, status, answeredAt, timer, states
let asking = false

/** #/ , #/new , #/connector/TENANT/NAME , …/edit */
function route() {
  const [what, tenant, name, more] = location.hash.replace(/^#\/?/, '').split('/').map(part => {
    try {
      return decodeURIComponent(part)
    } catch {
      return part
    }
  })
  if (what === 'new') return { key: 'new', title: 'New connector', make: () => new FormView(null, go) }
  if (what !== 'connector' || !name) return { key: '', title: 'Connectors', make: () => new ListView() }
  const connector = { tenant, name }
  return more === 'edit'
    ? { key: location.hash, title: `Edit ${name}`, make: () => new FormView(connector, go) }
    : { key: location.hash, title: name, make: () => new ConnectorView(connector, go, refresh) }
}

function go(hash) {
  if (location.hash === hash) refresh()
  else location.hash = hash
}

function show() {
  // The skip link's target is no view.
  if (location.hash === '#main') return
  const to = route()
  if (to.key === shown && view) return
  const isFirst = shown === undefined
  view?.end()
  shown = to.key
  document.title = `${to.title} · fastbridge`
  view = to.make()
  main.replaceChildren(view.element)
  if (status) view.update(status)
  // To whoever uses the keyboard or a screen reader a new view begins at its heading.
  if (!isFirst) main.querySelector('h1')?.focus()
  window.scrollTo(0, 0)
}

function askForToken(wrong) {
  view?.end()
  view = null
  shown = undefined
  document.title = 'Token · fastbridge'
  const input = h('input', { id: 'token', type: 'password', autocomplete: 'current-password', required: true, 'aria-describedby': 'token-help', 'aria-invalid': wrong ? 'true' : null })
  main.replaceChildren(h('form', {
    class: 'token',
    onsubmit: e => {
      e.preventDefault()
      api.setToken(input.value.trim())
      main.replaceChildren()
      refresh()
    },
  },
  h('h1', { tabindex: '-1' }, 'This bridge asks for a token'),
  h('label', { for: 'token' }, 'Admin token'), input,
  wrong && h('p', { class: 'fault', role: 'alert' }, 'The bridge does not know this token.'),
  h('p', { id: 'token-help', class: 'help' }, 'The bridge was given it as FASTBRIDGE_ADMIN_TOKEN or --admin-token-file. It stays in this tab until the tab is closed.'),
  h('button', { class: 'main' }, 'Sign in')))
  input.focus()
}

/** Changes of state are said, so that they are heard as well as seen. */
function announce(next) {
  const before = states
  states = new Map(next.connectors.map(c => [`${c.cluster_name}/${c.name}`, c.state]))
  if (!before) return
  const changed = next.connectors.filter(c => before.has(`${c.cluster_name}/${c.name}`) && before.get(`${c.cluster_name}/${c.name}`) !== c.state)
  if (changed.length > 3) say(`${changed.length} connectors have changed their state`)
  else if (changed.length > 0) say(changed.map(c => `${c.name}: ${c.state}${c.why ? `, ${c.why}` : ''}`).join('. '))
}

async function refresh() {
  clearTimeout(timer)
  if (asking) return
  asking = true
  try {
    status = await api.status()
    answeredAt = Date.now()
    lost.hidden = true
    document.getElementById('forget').hidden = !api.hasToken()
    announce(status)
    show()
    view.update(status)
    setText(document.getElementById('pulse'), `live · ${clock(answeredAt)}`)
    document.getElementById('pulse').dataset.live = 'yes'
    if (!document.getElementById('about').textContent) setText(document.getElementById('about'), `fastbridge ${(await api.version()).split('+')[0]} ·`)
  } catch (e) {
    if (!(e instanceof api.ApiError)) throw e
    document.getElementById('pulse').dataset.live = 'no'
    if (e.reason === 'unauthorized') {
      const wrong = api.hasToken()
      api.forgetToken()
      document.getElementById('forget').hidden = true
      askForToken(wrong)
      return
    }
    setText(lost, e.reason === 'unreachable'
      ? `The bridge does not answer${answeredAt ? ` since ${duration((Date.now() - answeredAt) / 1000)}` : ''}; what is shown may be old. It is asked again every few seconds.`
      : `The bridge refuses: ${e.message}`)
    lost.hidden = false
  } finally {
    asking = false
  }
  if (!document.hidden) timer = setTimeout(refresh, status?.connectors.length > many ? seldom : often)
}

startTheme(document.getElementById('theme'))
document.getElementById('forget').addEventListener('click', () => {
  api.forgetToken()
  status = undefined
  refresh()
})
document.getElementById('skip').addEventListener('click', e => {
  e.preventDefault()
  main.focus()
})
window.addEventListener('hashchange', () => { if (status) show() })
document.addEventListener('visibilitychange', () => document.hidden ? clearTimeout(timer) : refresh())
refresh()
