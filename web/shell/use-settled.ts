// A value that changes quickly, as it was when it last stood still for a while.

import { useEffect, useState } from 'react'

export function useSettled<Value>(value: Value, pauseMs: number): Value {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(setSettled, pauseMs, value)
    return () => {
      clearTimeout(timer)
    }
  }, [value, pauseMs])
  return settled
}
