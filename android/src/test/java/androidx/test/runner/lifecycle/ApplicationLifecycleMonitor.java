package androidx.test.runner.lifecycle;

/** Stands in for androidx.test; nobody listens here. */
public interface ApplicationLifecycleMonitor {}
