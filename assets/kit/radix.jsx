// The behaviour of menus, popovers, dialogs and tips. Loaded when the first of them is about to open.
export * as Menu from "@radix-ui/react-menu";
export * as Popover from "@radix-ui/react-popover";
export * as Dialog from "@radix-ui/react-dialog";
export * as Tooltip from "@radix-ui/react-tooltip";
