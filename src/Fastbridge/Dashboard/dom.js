// Elements by text and attributes only: nothing that comes from a bridge is ever read as HTML.

/** An element. Attributes: `on…` are listeners, null and false are left out, true is the bare name; children: elements, texts, null. */
export function h(name, attributes, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
    else if (value === true) element.setAttribute(key, '')
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value)
  }
  element.append(...children.flat().filter(c => c !== null && c !== undefined && c !== false))
  return element
}

/** Changes a text only where it is another one, so that a selection or a screen reader's place in it survives. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}

export function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name)
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value)
}

let saidTimer

/** A word to everyone: shown for a while, and read aloud by screen readers. */
export function say(text) {
  const said = document.getElementById('said')
  said.textContent = text
  clearTimeout(saidTimer)
  saidTimer = setTimeout(() => { said.textContent = '' }, 8000)
}

/** The state of a connector: a word, and a mark whose shape differs as well as its colour. */
export function stateBadge(state) {
  return h('span', { class: 'state', 'data-state': state }, state)
}

/** Terms and their values; a value may be an element. */
export function terms(pairs, attributes) {
  return h('dl', attributes, pairs.filter(p => p).map(([term, value, hint]) => h('div', { title: hint }, h('dt', {}, term), h('dd', {}, value))))
}
