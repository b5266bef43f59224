package dev.simrelay.contract;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.codehaus.mojo.animal_sniffer.Clazz;
import org.codehaus.mojo.animal_sniffer.SignatureChecker;
import org.junit.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.FieldNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TypeInsnNode;

/**
 * No call that Android 8 (API 26) does not have, and none that is hidden: every reference out of the shrunk classes is
 * looked up among the public signatures of API 26, through our own classes and their parents. Newer public calls stand in
 * {@code newer-than-26.txt}, and only {@code dev.simrelay.Platform} makes them.
 */
public final class FrameworkCallsTest {
  private static final String PLATFORM = "dev/simrelay/Platform";

  /** Types by name: what a class declares, and its parents. */
  private record Type(Set<String> members, List<String> parents) {}

  @Test
  public void framework_calls_are_public_and_as_old_as_api_26() throws IOException {
    Map<String, Set<String>> missing = missing();
    Set<String> newer = new TreeSet<>(allowed());
    List<String> wrong = new ArrayList<>();
    missing.forEach(
        (reference, callers) -> {
          callers.removeIf(caller -> newer.contains(reference) && isPlatform(caller));
          if (!callers.isEmpty()) {
            wrong.add(reference + " in " + callers);
          }
        });
    assertEquals("", String.join("\n", wrong));
  }

  @Test
  public void the_list_of_newer_calls_names_public_ones_that_are_made() throws Exception {
    Set<String> missing = missing().keySet();
    List<String> unused = new ArrayList<>();
    for (String reference : allowed()) {
      if (!missing.contains(reference)) {
        unused.add(reference);
      }
      assertTrue(reference + " is not public in API 35", isPublic(reference));
    }
    assertEquals(List.of(), unused);
  }

  /** References that API 26 does not have, with the classes that make them. */
  private static Map<String, Set<String>> missing() throws IOException {
    List<ClassNode> own = Built.shrunk();
    Map<String, Type> types = api26();
    assertTrue("the signatures of API 26 were not read", types.size() > 4000);
    for (ClassNode node : own) {
      types.put(node.name, type(node));
    }
    Map<String, Set<String>> missing = new TreeMap<>();
    for (ClassNode node : own) {
      for (String reference : references(node)) {
        if (!isKnown(types, reference)) {
          missing.computeIfAbsent(reference, key -> new TreeSet<>()).add(node.name);
        }
      }
    }
    return missing;
  }

  private static Map<String, Type> api26() throws IOException {
    Map<String, Type> types = new HashMap<>();
    try (InputStream in = Files.newInputStream(Built.tool("api-26.signature"))) {
      for (Clazz read : SignatureChecker.loadClasses(in).values()) {
        List<String> parents = new ArrayList<>(List.of(read.getSuperInterfaces()));
        if (read.getSuperClass() != null) {
          parents.add(read.getSuperClass());
        }
        types.put(read.getName(), new Type(read.getSignatures(), parents));
      }
    }
    return types;
  }

  private static Type type(ClassNode node) {
    Set<String> members = new TreeSet<>();
    for (MethodNode method : node.methods) {
      members.add(method.name + method.desc);
    }
    for (FieldNode field : node.fields) {
      members.add(field.name + "#" + field.desc);
    }
    List<String> parents = new ArrayList<>(node.interfaces);
    parents.add(node.superName);
    return new Type(members, parents);
  }

  /** {@code class} or {@code class.member} of everything that a class names. */
  private static Set<String> references(ClassNode node) {
    Set<String> references = new TreeSet<>(node.interfaces);
    references.add(node.superName);
    for (MethodNode method : node.methods) {
      for (AbstractInsnNode instruction : method.instructions) {
        if (instruction instanceof MethodInsnNode call) {
          references.add(call.owner + "." + call.name + call.desc);
        } else if (instruction instanceof FieldInsnNode field) {
          references.add(field.owner + "." + field.name + "#" + field.desc);
        } else if (instruction instanceof TypeInsnNode type) {
          references.add(type.desc);
        }
      }
    }
    // Arrays have no members but clone(), which is as old as Java.
    references.removeIf(reference -> reference.startsWith("["));
    return references;
  }

  private static boolean isKnown(Map<String, Type> types, String reference) {
    int dot = reference.indexOf('.');
    if (dot < 0) {
      return types.containsKey(reference);
    }
    return declares(types, reference.substring(0, dot), reference.substring(dot + 1));
  }

  private static boolean declares(Map<String, Type> types, String owner, String member) {
    Type type = types.get(owner);
    if (type == null) {
      return false;
    }
    return type.members.contains(member)
        || type.parents.stream().anyMatch(parent -> declares(types, parent, member));
  }

  private static boolean isPlatform(String caller) {
    return caller.equals(PLATFORM) || caller.startsWith(PLATFORM + "$");
  }

  private static List<String> allowed() throws IOException {
    try (InputStream in = FrameworkCallsTest.class.getResourceAsStream("newer-than-26.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> line.split(" ")[0])
          .toList();
    }
  }

  /** Looks into the framework that the app is compiled against; it also holds what is hidden, which is mostly public. */
  private static boolean isPublic(String reference) throws IOException {
    int dot = reference.indexOf('.');
    String owner = dot < 0 ? reference : reference.substring(0, dot);
    ClassNode node = new ClassNode();
    try (InputStream in = FrameworkCallsTest.class.getClassLoader().getResourceAsStream(owner + ".class")) {
      if (in == null) {
        return false;
      }
      new ClassReader(in).accept(node, ClassReader.SKIP_CODE);
    }
    if (dot < 0) {
      return Modifier.isPublic(node.access);
    }
    String member = reference.substring(dot + 1);
    return node.methods.stream().anyMatch(method -> Modifier.isPublic(method.access) && member.equals(method.name + method.desc))
        || node.fields.stream().anyMatch(field -> Modifier.isPublic(field.access) && member.equals(field.name + "#" + field.desc));
  }
}
