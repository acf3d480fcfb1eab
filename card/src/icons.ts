/** Line icons of our own on a 24 px grid; they take the colour of the text around them. */
import { svg, html, type SVGTemplateResult, type TemplateResult } from 'lit';

const icon = (shapes: SVGTemplateResult): TemplateResult => html`
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${shapes}</svg>
`;

const speaker = svg`<path d="M4 9.5v5h3.5l5 4v-13l-5 4z" />`;
const stand = svg`<path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />`;

export const icons = {
  microphone: icon(svg`<rect x="9" y="3" width="6" height="11" rx="3" />${stand}`),
  microphoneOpen: icon(svg`<rect x="9" y="3" width="6" height="11" rx="3" fill="currentColor" />${stand}`),
  ear: icon(
    svg`<path d="M6.5 9.5a5.5 5.5 0 0 1 11 0c0 3.6-3.5 4.3-3.9 7.3a3.4 3.4 0 0 1-6.3 1.4" /><path d="M9.8 9.8a2.2 2.2 0 0 1 4.4 0c0 1.6-1.7 2-1.7 3.6" />`,
  ),
  sound: icon(svg`${speaker}<path d="M15.5 9.2a4 4 0 0 1 0 5.6M18.2 6.8a7.5 7.5 0 0 1 0 10.4" />`),
  soundOff: icon(svg`${speaker}<path d="m16 9.5 5 5m0-5-5 5" />`),
  house: icon(
    svg`<rect x="6" y="3" width="12" height="18" rx="2.5" /><circle cx="12" cy="14" r="3" /><path d="M12 7.4v.1" />`,
  ),
  warning: icon(svg`<path d="M12 4 2.8 19.5h18.4z" /><path d="M12 10v4.5m0 2.4v.1" />`),
  offline: icon(svg`<path d="M9.5 7.5H8a4.5 4.5 0 0 0 0 9h1.5m5-9H16a4.5 4.5 0 0 1 2.8 8M9 12h3M4 4l16 16" />`),
  adjust: icon(
    svg`<path d="M4 7h8m4 0h4M4 17h4m4 0h8" /><circle cx="14" cy="7" r="2" /><circle cx="10" cy="17" r="2" />`,
  ),
  everybody: icon(
    svg`<circle cx="9" cy="8" r="3.5" /><path d="M2.5 20a6.5 6.5 0 0 1 13 0M15.5 4.8a3.5 3.5 0 0 1 0 6.4M18 14.3a6.5 6.5 0 0 1 3.5 5.7" />`,
  ),
  close: icon(svg`<path d="m6 6 12 12M18 6 6 18" />`),
  back: icon(svg`<path d="M19 12H5m6-6-6 6 6 6" />`),
  forth: icon(svg`<path d="m9 6 6 6-6 6" />`),
  details: icon(svg`<circle cx="12" cy="12" r="9" /><path d="M12 11v5m0-8v.1" />`),
  check: icon(svg`<path d="m5 12.5 4.5 4.5L19 7.5" />`),
  copy: icon(
    svg`<rect x="9" y="9" width="11" height="11" rx="2" /><path d="M15 5.5V5a1.5 1.5 0 0 0-1.5-1.5h-8A1.5 1.5 0 0 0 4 5v8.5A1.5 1.5 0 0 0 5.5 15H6" />`,
  ),
};
