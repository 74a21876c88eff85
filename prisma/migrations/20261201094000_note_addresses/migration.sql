-- The reply address in the notice of a private note: an agent's answer to it becomes a private note.
ALTER TYPE "token_role" ADD VALUE 'note' AFTER 'agent';
