package dev.simrelay.contract;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.Test;

/** Kotlin, the library and the documented table say the same about the border between them. */
public final class NativesTest {
  private static final String PREFIX = "Java_dev_simrelay_NativeBridge_";

  @Test
  public void external_functions_are_those_of_the_documented_table() throws IOException {
    TreeSet<String> documented = matches("crates/jni/src/lib.rs", "//! \\| `(\\w+)` \\| `(.*)` \\|");
    assertFalse(documented.isEmpty());
    assertEquals(documented, Built.natives());
  }

  @Test
  public void external_functions_are_what_the_library_exports() throws Exception {
    String library = System.getProperty("simrelay.hostLibrary");
    Process nm = new ProcessBuilder("nm", "--dynamic", "--defined-only", "--format=posix", library).start();
    TreeSet<String> exported =
        nm.inputReader()
            .lines()
            .map(line -> line.split(" ")[0])
            .filter(symbol -> symbol.startsWith(PREFIX))
            .map(symbol -> symbol.substring(PREFIX.length()))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals("nm failed on " + library, 0, nm.waitFor());
    TreeSet<String> declared =
        Built.natives().stream()
            .map(method -> method.substring(0, method.indexOf('(')))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(exported, declared);
  }

  @Test
  public void what_rust_calls_is_annotated_and_nothing_else_is() throws IOException {
    TreeSet<String> called = new TreeSet<>();
    try (Stream<Path> sources = Files.list(Built.root().resolve("crates/jni/src"))) {
      for (Path source : (Iterable<Path>) sources.filter(Files::isRegularFile)::iterator) {
        called.addAll(matches("crates/jni/src/" + source.getFileName(), "jni_str!\\(\"(\\w+)\"\\)"));
      }
    }
    assertFalse(called.isEmpty());
    TreeSet<String> annotated =
        Built.calledFromNative().stream()
            .map(method -> method.substring(method.indexOf('.') + 1, method.indexOf('(')))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(called, annotated);
  }

  @Test
  public void what_rust_calls_has_the_signatures_that_it_calls_by() throws IOException {
    // Each call names its signature first and its method after it.
    Pattern call =
        Pattern.compile(
            "jni_sig!\\(\\(([^)]*)\\) -> ([\\w.]+)\\);.*?jni_str!\\(\"(\\w+)\"\\)", Pattern.DOTALL);
    TreeSet<String> called = new TreeSet<>();
    try (Stream<Path> sources = Files.list(Built.root().resolve("crates/jni/src"))) {
      for (Path source : (Iterable<Path>) sources.filter(Files::isRegularFile)::iterator) {
        Matcher matcher = call.matcher(Files.readString(source));
        while (matcher.find()) {
          String parameters =
              Stream.of(matcher.group(1).split(","))
                  .map(String::strip)
                  .filter(parameter -> !parameter.isEmpty())
                  .map(parameter -> descriptor(parameter.substring(parameter.indexOf(':') + 1).strip()))
                  .collect(Collectors.joining());
          called.add(matcher.group(3) + "(" + parameters + ")" + descriptor(matcher.group(2)));
        }
      }
    }
    TreeSet<String> annotated =
        Built.calledFromNative().stream()
            .map(method -> method.substring(method.indexOf('.') + 1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(annotated, called);
  }

  /** As the JVM writes a type that the library's sources name. */
  private static String descriptor(String type) {
    return switch (type) {
      case "void" -> "V";
      case "jboolean" -> "Z";
      case "jint" -> "I";
      case "jlong" -> "J";
      case "[jbyte]" -> "[B";
      default -> "L" + type.replace('.', '/') + ";";
    };
  }

  /** The groups of every match in a source file, joined. */
  private static TreeSet<String> matches(String source, String pattern) throws IOException {
    Path file = Built.root().resolve(source);
    Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(file));
    TreeSet<String> found = new TreeSet<>();
    while (matcher.find()) {
      StringBuilder joined = new StringBuilder();
      for (int group = 1; group <= matcher.groupCount(); group++) {
        joined.append(matcher.group(group));
      }
      found.add(joined.toString());
    }
    return found;
  }
}
