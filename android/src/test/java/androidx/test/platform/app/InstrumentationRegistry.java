package androidx.test.platform.app;

import android.app.Instrumentation;
import android.os.Bundle;

/** Stands in for androidx.test, which is not on Maven Central: the little that Robolectric calls. */
public final class InstrumentationRegistry {
  private static Instrumentation instance;

  private InstrumentationRegistry() {}

  /** Remembers it; null at the end of a test. */
  public static void registerInstance(Instrumentation instrumentation, Bundle arguments) {
    instance = instrumentation;
  }

  public static Instrumentation getInstrumentation() {
    return instance;
  }
}
