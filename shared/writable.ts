// A value while it is being built, field by field, where a spread would cost too much.

/** The same fields, not yet readonly. */
export type Writable<T> = { -readonly [Name in keyof T]: T[Name] };
