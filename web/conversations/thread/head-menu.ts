// The menus of a conversation's head: at most one is open.

export type HeadMenu = 'assignee' | 'team' | 'labels' | 'snooze' | 'merge' | 'more' | null
