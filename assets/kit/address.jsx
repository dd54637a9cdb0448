// What is shown, as part of the address: a period, a search, a filter. It survives a reload and can be sent to others.
import { useCallback, useRef, useSyncExternalStore } from "react";
import { useSearchParams } from "react-router";

const never = () => () => {};

/** A value behind the ? of the address. A page that was rendered beforehand starts with the fallback. */
export function useAddress(name, fallback) {
  const [params] = useSearchParams();
  const known = useSyncExternalStore(never, () => true, () => false);
  return (known && params.get(name)) || fallback;
}

/** Returns set(name, fallback, value): the fallback is left out of the address. */
export function useSetAddress() {
  const [, setParams] = useSearchParams();
  const latest = useRef(setParams);
  latest.current = setParams;
  return useCallback((name, fallback, value) => {
    const next = new URLSearchParams(window.location.search);
    if (value === fallback || value === "") next.delete(name);
    else next.set(name, value);
    latest.current(next, { replace: true, preventScrollReset: true });
  }, []);
}

/** Returns clear(names): one change of the address, since the next one would not know of it yet. */
export function useClearAddress() {
  const [, setParams] = useSearchParams();
  const latest = useRef(setParams);
  latest.current = setParams;
  return useCallback((names) => {
    const next = new URLSearchParams(window.location.search);
    for (const name of names) next.delete(name);
    latest.current(next, { replace: true, preventScrollReset: true });
  }, []);
}
