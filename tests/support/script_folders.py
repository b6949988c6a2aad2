"""The two folders of the scripted IMAP server: the one that is read, and "ticketd", where leases are."""
import re


class ScriptFolders:
    """What a session does with the folder that a command names."""

    def do_create(self, tag, _, words):
        self.script.has_leases = self.script.has_leases or words[1:2] == ["ticketd"]
        self.send(f"{tag} OK created")

    def find_folder(self, tag, words):
        if words[1] != "ticketd":
            return self.script.mailbox
        if self.script.has_leases:
            return self.script.leases
        self.send(f"{tag} NO [NONEXISTENT] there is no such folder")
        return None

    def do_append(self, tag, command, words):
        folder = self.find_folder(tag, words)
        if folder is not None:
            head = re.match(r'APPEND \S+ \(\S*\) ', command)
            folder.add(command[head.end():].encode())
            self.send(f"{tag} OK appended")

    def do_status(self, tag, _, words):
        folder = self.find_folder(tag, words)
        if folder is not None:
            self.send(f"* STATUS {words[1]} (MESSAGES {len(folder.mails)} UIDNEXT {folder.next_uid} UIDVALIDITY {folder.uid_validity})",
                      f"{tag} OK done")

    def do_select(self, tag, _, words):
        folder = self.find_folder(tag, words)
        if folder is None:
            return
        self.mailbox = folder
        self.send("* FLAGS (\\Seen \\Deleted)", f"* {len(self.mailbox.mails)} EXISTS", "* 0 RECENT",
                  f"* OK [UIDVALIDITY {self.mailbox.uid_validity}] x", f"* OK [UIDNEXT {self.mailbox.next_uid}] x",
                  f"{tag} OK [READ-WRITE] selected")

    do_examine = do_select
