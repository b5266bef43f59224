package androidx.test.runner.lifecycle;

/** The names that Robolectric reports for an activity; nobody listens here. */
public enum Stage {
  PRE_ON_CREATE,
  CREATED,
  STARTED,
  RESUMED,
  PAUSED,
  STOPPED,
  RESTARTED,
  DESTROYED
}
