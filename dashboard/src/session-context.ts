import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Me } from "./api/types";

export const MeContext = createContext<Me>({ keyId: "", tenant: "", roles: [], permissions: [] });

export function useMay(permission: string): boolean {
  return useContext(MeContext).permissions.includes(permission);
}
