// Faults: of the file, and of what a form sent.

import { h } from './dom.js'

/** What the file's owner should know, above everything else. Kept as it is while nothing changes, so that it is not read aloud again and again. */
export function noticesOf(holder, status) {
  const text = JSON.stringify([status.faults, status.warnings])
  if (holder.dataset.text === text) return
  holder.dataset.text = text
  holder.replaceChildren(...[
    status.faults.length > 0 && h('section', { class: 'notice bad', role: 'alert' },
      h('h2', {}, `${status.source} has faults and is not in force; the connectors run on as they were`), h('ul', {}, status.faults.map(f => h('li', {}, f)))),
    status.warnings.length > 0 && h('section', { class: 'notice' }, h('h2', {}, 'To be looked at'), h('ul', {}, status.warnings.map(w => h('li', {}, w)))),
  ].filter(n => n))
}

/** The path that a fault begins with, such as config.topic or topic_id; "" where it names none. */
export const pathOf = fault => /^([a-z_]+(?:\.[^:\s[]+)?)(?:\[[^\]]*\])*(?:\.[^:\s]*)?: /.exec(fault)?.[1] ?? ''

/** Shows faults beside their fields, and all of them above; the first wrong field is focused. `fieldOf(path)` is an input, or null. */
export function showFaults(form, faults, fieldOf) {
  clearFaults(form)
  let first
  for (const fault of faults) {
    const path = pathOf(fault)
    const field = path && fieldOf(path)
    if (!field) continue
    const id = `${field.id}-fault`
    const words = path && fault.startsWith(path) ? fault.slice(fault.indexOf(': ') + 2).replace(/^"": /, '') : fault
    const beside = form.querySelector(`#${id}`) ?? field.parentElement.appendChild(h('p', { id, class: 'fault' }))
    // A field may have several faults, and the field of all other settings those of settings that it does not name.
    beside.textContent += (beside.textContent ? ' · ' : '') + (field.dataset.path === path ? words : fault)
    field.setAttribute('aria-invalid', 'true')
    field.setAttribute('aria-describedby', [field.dataset.help, id].filter(i => i).join(' '))
    const place = [...form.elements].indexOf(field)
    if (!first || place < [...form.elements].indexOf(first)) first = field
  }
  const summary = form.querySelector('.summary')
  summary.replaceChildren(h('h2', {}, faults.length === 1 ? 'Nothing was changed: there is a fault' : `Nothing was changed: there are ${faults.length} faults`), h('ul', {}, faults.map(f => h('li', {}, f))))
  summary.hidden = false
  if (first) first.focus()
  else summary.focus()
}

export function clearFaults(form) {
  form.querySelectorAll('.fault').forEach(f => f.remove())
  form.querySelectorAll('[aria-invalid]').forEach(f => {
    f.removeAttribute('aria-invalid')
    if (f.dataset.help) f.setAttribute('aria-describedby', f.dataset.help)
    else f.removeAttribute('aria-describedby')
  })
  form.querySelector('.summary').hidden = true
}
