//! What the control port counts. Connections that were turned away are the kernel's to count.

ukstore::labels! {
    /// What a command does.
    pub(super) enum Command {
        SetLevels = "set_levels",
        SetSources = "set_sources",
        ListLevels = "list_levels",
        ListSources = "list_sources",
    }
}

ukstore::labels! {
    /// Why a command was not carried out.
    pub(super) enum Reason {
        /// There is no such command.
        Command = "command",
        /// There is no such source, or no such tag.
        Source = "source",
        /// A level, a value or an item makes no sense, or there is no room for it.
        Value = "value",
        Text = "text",
        Length = "length",
        /// It was not alone. What comes after the reply is thrown away; before it, nothing is done at all.
        Several = "several",
        /// It was not complete in time.
        Slow = "slow",
        /// The reply would be too long.
        Reply = "reply",
    }
}

ukstore::counters! {
    /// Commands to the control port, by what they do, whether or not it could be done.
    pub(super) static COMMANDS = "/management/control/commands_total", "uk_management_control_commands_total",
        command: Command;
    /// Commands to the control port that were not carried out, by reason.
    static ERRORS = "/management/control/errors_total", "uk_management_control_errors_total", reason: Reason;
}

impl Reason {
    pub(super) fn count(self) {
        ERRORS[self].inc();
    }
}
