// The routes that an Express app really has, as the document would write them.
import type { Express } from 'express';

/** Express's own, undocumented: as of its router 2. */
type Layer = {
  readonly rawPath?: string;
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: { readonly stack?: readonly Layer[] };
};

/** Such as `get /v1/batches/{id}`; without HEAD and OPTIONS, which every path has. */
export const routesOf = (app: Express): string[] =>
  walk((app as unknown as { router: { stack: readonly Layer[] } }).router.stack, '');

const walk = (layers: readonly Layer[], base: string): string[] =>
  layers.flatMap(({ rawPath, route, handle }) => {
    const at = rawPath === undefined || rawPath === '/' ? base : `${base}${rawPath}`;
    if (route === undefined) return walk(handle.stack ?? [], at);
    const path = route.path === '/' ? base : `${base}${route.path}`;
    const methods = Object.keys(route.methods).filter((name) => name !== 'options' && name !== '_all');
    return methods.map((method) => `${method} ${path.replaceAll(/[:*](\w+)/g, '{$1}')}`);
  });
