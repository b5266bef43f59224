package dev.simrelay;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.IdentityHashMap;
import java.util.Map;
import org.junit.runners.model.FrameworkMethod;
import org.junit.runners.model.InitializationError;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.internal.bytecode.Sandbox;

/**
 * Robolectric with the real library: before a test, and before its application is made, the property {@code
 * simrelay.library} names a copy of the host's build that belongs to this sandbox alone. The JVM lets a library file be
 * loaded by one class loader only, and each sandbox is one.
 */
public final class ShellTestRunner extends RobolectricTestRunner {
  private static final Map<Sandbox, Path> COPIES = new IdentityHashMap<>();

  public ShellTestRunner(Class<?> testClass) throws InitializationError {
    super(testClass);
  }

  @Override
  protected void beforeTest(Sandbox sandbox, FrameworkMethod method, Method bootstrappedMethod)
      throws Throwable {
    System.setProperty("simrelay.library", copyFor(sandbox).toString());
    super.beforeTest(sandbox, method, bootstrappedMethod);
  }

  private static synchronized Path copyFor(Sandbox sandbox) throws IOException {
    Path known = COPIES.get(sandbox);
    if (known != null) {
      return known;
    }
    Path library = Path.of(System.getProperty("simrelay.hostLibrary"));
    if (!Files.exists(library)) {
      throw new IOException("build the library first: cargo build -p simrelay-jni (" + library + " is missing)");
    }
    Path directory = Path.of(System.getProperty("simrelay.build"), "natives", String.valueOf(COPIES.size()));
    Files.createDirectories(directory);
    Path copy = directory.resolve("libsimrelay.so");
    Files.copy(library, copy, StandardCopyOption.REPLACE_EXISTING);
    COPIES.put(sandbox, copy);
    return copy;
  }
}
