const { createHash } = require('node:crypto');
const { transformSync, version } = require('esbuild');

/** The whole of our compilation for tests: types away, source maps in. */
module.exports = {
  process(source, file) {
    const { code } = transformSync(source, {
      loader: file.endsWith('x') ? 'tsx' : 'ts',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      sourcefile: file,
    });
    return { code };
  },
  // `instrument` belongs in the key, or coverage reads 0 from a cache made without it.
  getCacheKey(source, file, options) {
    return createHash('sha256').update(`${version}\0${options.instrument}\0${file}\0${source}`).digest('hex');
  },
};
