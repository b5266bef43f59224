package androidx.test.runner.intent;

/** Stands in for androidx.test; no intent is stubbed. */
public final class IntentStubberRegistry {
  private IntentStubberRegistry() {}

  public static boolean isLoaded() {
    return false;
  }
}
