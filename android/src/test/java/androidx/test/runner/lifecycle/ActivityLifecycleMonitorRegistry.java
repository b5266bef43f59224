package androidx.test.runner.lifecycle;

/** Stands in for androidx.test; nobody asks for what is registered. */
public final class ActivityLifecycleMonitorRegistry {
  private ActivityLifecycleMonitorRegistry() {}

  public static void registerInstance(ActivityLifecycleMonitor monitor) {}
}
