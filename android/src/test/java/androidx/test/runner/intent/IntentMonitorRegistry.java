package androidx.test.runner.intent;

/** Stands in for androidx.test; nobody asks for what is registered. */
public final class IntentMonitorRegistry {
  private IntentMonitorRegistry() {}

  public static void registerInstance(IntentMonitor monitor) {}
}
