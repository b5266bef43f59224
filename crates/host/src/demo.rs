//! `simrelay demo`: the main job, shown.
pub fn run() -> anyhow::Result<()> {
    anyhow::bail!("not yet")
}
