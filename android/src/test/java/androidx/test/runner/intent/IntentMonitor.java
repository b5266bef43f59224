package androidx.test.runner.intent;

/** Stands in for androidx.test; nobody listens here. */
public interface IntentMonitor {}
