// A text with placeholders, read once and filled in often.

/** The text with the values of this request. */
export type TemplateText = (valueOf: (name: string) => string) => string;

export type TemplateRules = {
  /** Values are percent-encoded, unless written `{+name}`. */
  readonly isUrl: boolean;
  readonly has: (name: string) => boolean;
  readonly refuse: (message: string) => void;
};

const pieces = /\{\{|\}\}|\{(\+?)([A-Za-z_]\w*)\}|[{}]|[^{}]+/g;

export const createTemplateText = (text: string, { isUrl, has, refuse }: TemplateRules): TemplateText => {
  const parts = [...text.matchAll(pieces)].map(([piece, sign, name]): string | TemplateText => {
    if (piece === '{{' || piece === '}}') return piece.slice(1);
    if (piece === '{' || piece === '}') refuse(`a brace stands alone: write ${piece}${piece} for one`);
    if (name === undefined) return piece;
    if (!has(name)) refuse(`{${name}} has no values in vars`);
    const isEncoded = isUrl && sign === '';
    return (valueOf) => (isEncoded ? encodeURIComponent(valueOf(name)) : valueOf(name));
  });
  return (valueOf) => parts.map((part) => (typeof part === 'string' ? part : part(valueOf))).join('');
};
