/**
 * Inside Home Assistant the page looks as Home Assistant does: it takes the variables that our tokens read from the
 * document around, which is of the same origin, and nothing else of it. On its own it keeps its own colours.
 */

/** What tokens.ts reads, and the page's background. */
export const THEME_VARIABLES = [
  '--primary-background-color',
  '--ha-card-background',
  '--card-background-color',
  '--primary-text-color',
  '--secondary-text-color',
  '--divider-color',
  '--primary-color',
  '--voice-streaming-on-air-color',
  '--ha-card-border-radius',
  '--ha-font-family-body',
  '--paper-font-body1_-_font-family',
  '--ha-font-size-m',
  '--ha-font-size-2xl',
  '--ha-font-weight-normal',
  '--ha-font-weight-medium',
];

/** Follows the theme of the document around from now on; does nothing where there is none of ours. */
export function followParentTheme(): () => void {
  const parent = parentRoot();
  if (!parent) return () => undefined;
  const take = (): void => takeTheme(parent);
  take();
  const observer = new MutationObserver(take);
  observer.observe(parent, { attributes: true, attributeFilter: ['style', 'class'] });
  document.addEventListener('visibilitychange', take);
  const stop = (): void => {
    observer.disconnect();
    document.removeEventListener('visibilitychange', take);
  };
  // The parent outlives this page.
  window.addEventListener('pagehide', stop, { once: true });
  return stop;
}

/** Null where there is no frame around, or one of another origin, whose document is closed to us. */
function parentRoot(): HTMLElement | null {
  try {
    return window.parent === window ? null : window.parent.document.documentElement;
  } catch {
    return null;
  }
}

function takeTheme(parent: HTMLElement): void {
  const { style } = document.documentElement;
  try {
    const theirs = getComputedStyle(parent);
    for (const name of THEME_VARIABLES) {
      const value = theirs.getPropertyValue(name).trim();
      if (value === '') style.removeProperty(name);
      else style.setProperty(name, value);
    }
  } catch {
    // A frame that is just being taken away: what was taken before stays.
    return;
  }
  // Form fields and scroll bars.
  style.colorScheme = schemeOf(getComputedStyle(document.documentElement).backgroundColor);
}

/** Of a background as browsers compute it, `rgb(16, 18, 22)`; empty, our own choice, where it cannot be told. */
export function schemeOf(background: string): 'light' | 'dark' | '' {
  const [red, green, blue] = [...background.matchAll(/[\d.]+/g)].map(Number);
  if (!/^rgba?\(/.test(background) || red === undefined || green === undefined || blue === undefined) return '';
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128 ? 'dark' : 'light';
}
