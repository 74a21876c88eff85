// Starts the client: texts, the query cache, the router.

import './styles/base.css'

import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { listenForRefusals } from './api/client'
import { queries } from './api/queries'
import { hasSessionEnded } from './api/session'
import { router } from './router'
import { Toasts } from './ui/toast'
import { Words } from './words/words'

listenForRefusals(() => {
  void hasSessionEnded(queries).then((ended) => {
    if (ended && !location.pathname.startsWith('/login'))
      void router.navigate({ to: '/login', search: { back: location.pathname + location.search } })
  })
})

// A new version of the client has replaced the files of this one: the page is read anew, drafts are kept.
addEventListener('vite:preloadError', () => {
  const key = 'rethread.reloadedAt'
  const isLoop = Date.now() - Number(sessionStorage.getItem(key) ?? 0) < 30_000
  if (isLoop || !navigator.onLine) return
  sessionStorage.setItem(key, String(Date.now()))
  location.reload()
})

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element #root')
createRoot(root).render(
  <StrictMode>
    <Words>
      <QueryClientProvider client={queries}>
        <Toasts>
          <RouterProvider router={router} />
        </Toasts>
      </QueryClientProvider>
    </Words>
  </StrictMode>,
)
