// Text → HTML that shows it, whatever it holds.

export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Escaped, with `code` between backticks and paragraphs between empty lines. */
export const toProse = (text: string): string =>
  text
    .split('\n\n')
    .map((paragraph) => `<p>${toPhrase(paragraph)}</p>`)
    .join('');

/** As `toProse`, within a line. */
export const toPhrase = (text: string): string =>
  escapeHtml(text).replaceAll(/`([^`]+)`/g, (_, code: string) => `<code>${code}</code>`);
