/** Where Home Assistant shows a card only to be looked at, without saying so (its editor sets `preview`; the picker does not). */
const LOOKED_AT_IN = ['hui-card-picker', 'hui-dialog-create-card'];

/** Whether an element stands in Home Assistant's card picker, through all shadow roots around it. */
export function isInPicker(element: Element): boolean {
  for (let node: Node | null = element; node; node = parentOf(node)) {
    if (node instanceof Element && LOOKED_AT_IN.includes(node.localName)) return true;
  }
  return false;
}

function parentOf(node: Node): Node | null {
  return node instanceof ShadowRoot ? node.host : node.parentNode;
}
