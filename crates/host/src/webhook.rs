//! `simrelay webhook test URL`: shows from the command line why a webhook does not arrive.

use std::sync::Arc;

use anyhow::{Context, bail};
use jiff::tz::TimeZone;
use rustls_native_certs::load_native_certs;
use simrelay_core::clock::SystemClock;
use simrelay_core::settings::Settings;
use simrelay_core::webhooks::{Diagnosis, Step, Target, Tester};
use tokio::runtime::Builder;

use crate::cli::WebhookTestOptions;

/// Takes the steps to the receiver, with the system's trust and the rules of the options.
pub fn test(options: &WebhookTestOptions) -> anyhow::Result<()> {
    let settings = settings(options)?;
    let roots = load_native_certs().certs;
    let clock = Arc::new(SystemClock::default());
    let tester = Tester::new(&roots, &settings, clock, TimeZone::system())?;
    let body = tester.body(&"0".repeat(32), "test", "sms:received")?;
    let target = Target {
        url: options.url.clone(),
        body,
        offline: false,
    };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let diagnosis = runtime.block_on(tester.test(target));
    print!("{}", report(&diagnosis));
    if !diagnosis.ok() {
        let failed = diagnosis.steps.last().map_or("", |step| step.name.as_str());
        bail!("the test failed at step {failed}");
    }
    Ok(())
}

fn settings(options: &WebhookTestOptions) -> anyhow::Result<Settings> {
    let mut webhooks = serde_json::json!({
        "allow_http": options.allow_http,
        "trust_smsgate_ca": options.trust_smsgate_ca,
    });
    if let Some(key) = &options.signing_key {
        webhooks["signing_key"] = key.as_str().into();
    }
    if let Some(file) = &options.ca_certificates {
        let pem = std::fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        webhooks["ca_certificates"] = pem.into();
    }
    Ok(Settings::from_document(
        &serde_json::json!({"webhooks": webhooks}),
    )?)
}

fn report(diagnosis: &Diagnosis) -> String {
    let mut text: String = diagnosis.steps.iter().map(line).collect();
    if !diagnosis.answer_head.is_empty() {
        text += &format!("answer: {}\n", plain(&diagnosis.answer_head));
    }
    text
}

fn line(step: &Step) -> String {
    let (name, millis) = (step.name.as_str(), step.duration.as_millis());
    match &step.reason {
        None => format!(
            "ok      {name:<11}{millis:>6} ms  {}\n",
            plain(&step.detail)
        ),
        Some(reason) => {
            let told = plain(&format!("{reason} {}", step.fix));
            format!("failed  {name:<11}{millis:>6} ms  {}\n", told.trim_end())
        }
    }
}

/// Text from a stranger must not steer the terminal.
fn plain(text: &str) -> String {
    let harmless = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(harmless).collect()
}
