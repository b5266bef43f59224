package androidx.test.runner.lifecycle;

/** The names that Robolectric reports for the application; nobody listens here. */
public enum ApplicationStage {
  PRE_ON_CREATE,
  CREATED
}
