//! The names that systems have for packages.

/// What holds a tool, on each system; more than one package is separated by spaces.
pub struct Packages {
    pub debian: &'static str,
    pub fedora: &'static str,
    pub arch: &'static str,
    pub homebrew: &'static str,
}

/// A family of systems with one package manager.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum System {
    /// Debian, Ubuntu and what descends from them.
    Debian,
    Fedora,
    Arch,
    MacOs,
    Other,
}

impl Packages {
    /// The same name everywhere.
    pub const fn same(name: &'static str) -> Self {
        Self {
            debian: name,
            fedora: name,
            arch: name,
            homebrew: name,
        }
    }
}

impl System {
    /// This machine's.
    pub fn here() -> Self {
        if cfg!(target_os = "macos") {
            return Self::MacOs;
        }
        Self::of(&std::fs::read_to_string("/etc/os-release").unwrap_or_default())
    }

    /// By `ID` and `ID_LIKE` of os-release(5).
    fn of(os_release: &str) -> Self {
        let value = |key: &str| {
            let mut lines = os_release.lines();
            let value = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            value.unwrap_or_default().trim_matches('"')
        };
        let mut ids = value("ID").split(' ').chain(value("ID_LIKE").split(' '));
        ids.find_map(|id| match id {
            "debian" | "ubuntu" => Some(Self::Debian),
            "fedora" | "rhel" => Some(Self::Fedora),
            "arch" => Some(Self::Arch),
            _ => None,
        })
        .unwrap_or(Self::Other)
    }

    /// What to type to get them.
    pub fn advice(self, packages: &Packages) -> String {
        let (words, packages) = match self {
            Self::Debian => ("apt-get install", packages.debian),
            Self::Fedora => ("dnf install", packages.fedora),
            Self::Arch => ("pacman -S", packages.arch),
            Self::MacOs => ("brew install", packages.homebrew),
            Self::Other => ("Debian's name for it:", packages.debian),
        };
        format!("{words} {packages}")
    }
}

#[cfg(test)]
mod tests {
    use super::System;

    #[test]
    fn system_is_known_by_its_own_id_or_by_what_it_is_like() {
        let check = |os_release: &str, expected| assert_eq!(System::of(os_release), expected);
        check(
            "NAME=\"Debian\"\nVERSION_ID=\"12\"\nID=debian\n",
            System::Debian,
        );
        check("ID=ubuntu\nID_LIKE=debian\n", System::Debian);
        check("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", System::Debian);
        check(
            "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
            System::Fedora,
        );
        check("ID=arch\n", System::Arch);
        check("ID=nixos\n", System::Other);
        check("", System::Other);
    }
}
