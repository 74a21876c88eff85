// Builds the client into dist/web, which the service serves at `/` (src/web); `npm run dev` serves it with reloading.

import { fileURLToPath } from 'node:url'

import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const service = process.env['RETHREAD_URL'] ?? 'http://127.0.0.1:3000'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  build: {
    outDir: process.env['WEB_OUT_DIR'] ?? '../dist/web',
    emptyOutDir: true,
    target: 'es2023',
    // The Content-Security-Policy allows no inline script and no data: URLs of scripts.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
  },
  server: {
    port: 5173,
    proxy: Object.fromEntries(
      ['/api', '/auth', '/attachments', '/image-proxy'].map((path) => [path, { target: service, xfwd: true }]),
    ),
  },
})
