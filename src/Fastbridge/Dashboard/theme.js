// Light, dark, or as the system has it. Remembered in this browser.

const place = 'fastbridge-theme'
const listeners = new Set()

export const onTheme = listener => { listeners.add(listener); return () => listeners.delete(listener) }

export function startTheme(select) {
  let wanted = 'auto'
  try {
    wanted = localStorage.getItem(place) ?? 'auto'
  } catch {
    // A browser that keeps nothing: the system's theme.
  }
  select.value = ['light', 'dark'].includes(wanted) ? wanted : 'auto'
  const apply = () => {
    if (select.value === 'auto') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = select.value
    listeners.forEach(listener => listener())
  }
  select.addEventListener('change', () => {
    try {
      localStorage.setItem(place, select.value)
    } catch {
      // It then holds for this page.
    }
    apply()
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', apply)
  apply()
}
